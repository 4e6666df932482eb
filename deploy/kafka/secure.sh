#!/usr/bin/env bash
# The broker of compose.secure.yaml: at the first start it makes its certificate and its users, then
# it starts as the image always does. Certificates of your own: lay broker.p12, trust.p12 and
# password into the volume kafka-tls, and pem into kafka-ca, before the first start.
set -euo pipefail
umask 077
tls=/etc/kafka/secrets public=/run/kafka-ca names=san=dns:kafka,dns:localhost,ip:127.0.0.1

key() { keytool -noprompt -storetype PKCS12 -storepass:file "$tls/password" "$@"; }
pair() { key -genkeypair -keyalg EC -groupname secp256r1 -validity 3650 "$@"; }

if [[ ! -s $tls/broker.p12 ]]; then
  head -c 24 /dev/urandom | base64 >"$tls/password"
  pair -keystore "$tls/ca.p12" -alias ca -dname CN=kulanse-ca \
    -ext bc:critical=ca:true -ext ku:critical=keyCertSign,cRLSign
  key -exportcert -rfc -keystore "$tls/ca.p12" -alias ca >"$tls/ca.pem"
  pair -keystore "$tls/broker.p12.new" -alias broker -dname CN=kafka
  key -certreq -keystore "$tls/broker.p12.new" -alias broker |
    key -gencert -rfc -keystore "$tls/ca.p12" -alias ca -validity 3650 -ext "$names" \
      -ext ku:critical=digitalSignature -ext eku=serverAuth,clientAuth >"$tls/broker.pem"
  key -importcert -keystore "$tls/broker.p12.new" -alias ca -file "$tls/ca.pem"
  key -importcert -keystore "$tls/broker.p12.new" -alias broker -file "$tls/broker.pem"
  key -importcert -keystore "$tls/trust.p12" -alias ca -file "$tls/ca.pem"
  install -m 644 "$tls/ca.pem" "$public/pem"
  mv "$tls/broker.p12.new" "$tls/broker.p12"
fi
KAFKA_SSL_KEYSTORE_PASSWORD=$(<"$tls/password")
export KAFKA_SSL_KEYSTORE_PASSWORD KAFKA_SSL_KEY_PASSWORD=$KAFKA_SSL_KEYSTORE_PASSWORD
export KAFKA_SSL_TRUSTSTORE_PASSWORD=$KAFKA_SSL_KEYSTORE_PASSWORD

# Users must be there before anyone can log in: they are written with the storage itself.
if [[ ! -s $KAFKA_LOG_DIRS/meta.properties ]]; then
  users=()
  while read -r name password; do
    users+=(--add-scram "SCRAM-SHA-512=[name=$name,password=$password]")
  done </run/kulanse/users
  storage=$(mktemp)
  cat >"$storage" <<SETTINGS
process.roles=$KAFKA_PROCESS_ROLES
node.id=$KAFKA_NODE_ID
controller.quorum.voters=$KAFKA_CONTROLLER_QUORUM_VOTERS
controller.listener.names=$KAFKA_CONTROLLER_LISTENER_NAMES
listeners=$KAFKA_LISTENERS
listener.security.protocol.map=$KAFKA_LISTENER_SECURITY_PROTOCOL_MAP
inter.broker.listener.name=$KAFKA_INTER_BROKER_LISTENER_NAME
advertised.listeners=$KAFKA_ADVERTISED_LISTENERS
log.dirs=$KAFKA_LOG_DIRS
SETTINGS
  /opt/kafka/bin/kafka-storage.sh format --cluster-id "$CLUSTER_ID" --config "$storage" \
    "${users[@]}"
  rm "$storage"
fi
exec /etc/kafka/docker/run
