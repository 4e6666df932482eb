"""What an installation needs before its first start: secrets, logins, tables, topics, rights."""
