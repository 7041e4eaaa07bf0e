#!/usr/bin/env bash
# Runs a command beside a fresh Orthanc in a network of their own, so that nothing outside can reach it:
#   deploy/test/with-orthanc.sh ./mvnw -o -pl imaging-inference -am test -Dtest=OrthancTest
# The command finds the DICOMweb root in BLOODNET_ORTHANC_URL. Needs the Debian packages orthanc and orthanc-dicomweb, and the right to
# make namespaces. The archive is empty at start and gone at the end.
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
trap 'kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; rm -rf "$home"' EXIT
# Only this plugin: Orthanc's GDCM plugin crashes the server on some compressed images.
mkdir "$home/plugins"
ln -s "$plugin" "$home/plugins/libOrthancDicomWeb.so"
cat > "$home/orthanc.json" <<JSON
{ "Name": "test", "StorageDirectory": "$home/store", "IndexDirectory": "$home/store", "Plugins": ["$home/plugins"],
  "HttpPort": 18042, "RemoteAccessAllowed": false, "AuthenticationEnabled": false, "DicomServerEnabled": false,
  "StableAge": 5, "OverwriteInstances": false, "DicomWeb": { "Enable": true, "Root": "/dicom-web/" } }
JSON
"$orthanc" "$home/orthanc.json" > "$home/log" 2>&1 &
server=$!
export BLOODNET_ORTHANC_URL=http://127.0.0.1:18042/dicom-web
for _ in $(seq 100); do
  curl -fs "$BLOODNET_ORTHANC_URL/studies" > /dev/null && break
  kill -0 "$server" 2>/dev/null || { cat "$home/log" >&2; exit 2; }
  sleep 0.2
done
"$@"
