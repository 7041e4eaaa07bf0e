#!/usr/bin/env bash
# Runs a command beside a fresh Orthanc in a network of their own, so that nothing outside can reach it:
#   deploy/test/with-orthanc.sh ./mvnw -o -pl imaging-inference/engine -am test -Dtest=OrthancTest
# The archive asks for a password, and socat in front of it speaks TLS (Orthanc's own TLS crashes in Debian 12), as at a site. The command finds the DICOMweb root in BLOODNET_ORTHANC_URL, the user's
# password in the file BLOODNET_ORTHANC_PASSWORD_FILE (user "bloodnet") and the certificate to trust in BLOODNET_ORTHANC_TRUST_STORE
# (PKCS#12, password "changeit"). Needs the Debian packages orthanc, orthanc-dicomweb, socat and openssl, keytool of a JDK, and the right to make
# namespaces. The archive is empty at start and gone at the end.
set -euo pipefail

if [ "${BLOODNET_INSIDE:-}" != yes ]; then
  [ $# -gt 0 ] || { echo "usage: $0 COMMAND..." >&2; exit 2; }
  exec env BLOODNET_INSIDE=yes unshare --net --pid --fork --kill-child --mount-proc "$0" "$@"
fi

ip link set lo up
plugin=$(find /usr/share/orthanc/plugins /usr/lib -name 'libOrthancDicomWeb.so*' 2>/dev/null | head -1)
orthanc=$(command -v Orthanc || echo /usr/sbin/Orthanc)
[ -x "$orthanc" ] && [ -n "$plugin" ] || { echo "Orthanc or its DICOMweb plugin is not installed" >&2; exit 2; }

home=$(mktemp -d)
trap 'kill "$server" "$proxy" 2>/dev/null || true; wait "$server" 2>/dev/null || true; rm -rf "$home"' EXIT
# Only this plugin: Orthanc's GDCM plugin crashes the server on some compressed images.
mkdir "$home/plugins"
ln -s "$plugin" "$home/plugins/libOrthancDicomWeb.so"
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=orthanc.test -addext subjectAltName=IP:127.0.0.1 \
  -keyout "$home/key.pem" -out "$home/cert.pem" 2> /dev/null
cat "$home/cert.pem" "$home/key.pem" > "$home/both.pem"
keytool=${JAVA_HOME:+$JAVA_HOME/bin/}keytool
"$keytool" -importcert -noprompt -alias orthanc -file "$home/cert.pem" -keystore "$home/trust.p12" -storetype PKCS12 \
  -storepass changeit > /dev/null 2>&1
openssl rand -hex 12 > "$home/password"
cat > "$home/orthanc.json" <<JSON
{ "Name": "test", "StorageDirectory": "$home/store", "IndexDirectory": "$home/store", "Plugins": ["$home/plugins"],
  "HttpPort": 18042, "RemoteAccessAllowed": false, "AuthenticationEnabled": true,
  "RegisteredUsers": { "bloodnet": "$(cat "$home/password")" }, "DicomServerEnabled": false,
  "StableAge": 5, "OverwriteInstances": false, "DicomWeb": { "Enable": true, "Root": "/dicom-web/" } }
JSON
"$orthanc" "$home/orthanc.json" > "$home/log" 2>&1 &
server=$!
socat OPENSSL-LISTEN:18443,bind=127.0.0.1,reuseaddr,fork,cert="$home/both.pem",verify=0 TCP:127.0.0.1:18042 2> "$home/socat.log" &
proxy=$!
export BLOODNET_ORTHANC_URL=https://127.0.0.1:18443/dicom-web
export BLOODNET_ORTHANC_PASSWORD_FILE=$home/password BLOODNET_ORTHANC_TRUST_STORE=$home/trust.p12
for _ in $(seq 100); do
  curl -fs --cacert "$home/cert.pem" -u "bloodnet:$(cat "$home/password")" "$BLOODNET_ORTHANC_URL/studies" > /dev/null && break
  kill -0 "$server" 2>/dev/null || { cat "$home/log" >&2; exit 2; }
  sleep 0.2
done
"$@"
