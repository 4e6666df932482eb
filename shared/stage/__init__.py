"""The stage runner: claim, decode, decide, record, emit, ack. The only home of Faust."""
