#!/bin/sh
# A copy of the log beside the running service, with nothing but Claimline itself. The file holds the quotes: only its owner
# may read it. Exits with 1, and keeps all older copies, where the copy is not whole.
#
#   BACKUP_DIR   where copies are kept (must exist)
#   KEEP         how many (default: 14)
#   CLAIMLINE    the command (default: claimline); its settings come from the environment or a file .env
set -eu
umask 077
: "${BACKUP_DIR:?where copies are kept}"
keep=${KEEP:-14}
claimline=${CLAIMLINE:-claimline}
case $keep in '' | *[!0-9]* | 0) echo "KEEP must be a whole number from 1 on, but is \"$keep\"" >&2; exit 2 ;; esac

name=claimline-$(date -u +%Y%m%dT%H%M%SZ).ndjson.gz
part=$BACKUP_DIR/.$name.part
trap 'rm -f "$part" "$part.failed"' EXIT

# A pipe has the status of its last command: the export says by a file that it has failed.
{ $claimline export log || : >"$part.failed"; } | gzip >"$part"
if [ -e "$part.failed" ]; then
  echo 'the export failed: no copy was made' >&2
  exit 1
fi
# What is on the disk, not what was written: the header's heads must be as many events as there are lines.
gzip -dc "$part" | awk '
  NR == 1 { while (match($0, /"position":[0-9]+/)) { total += substr($0, RSTART + 11, RLENGTH - 11); $0 = substr($0, RSTART + RLENGTH) } next }
  !/^\{"ruleset":/ { events += 1 }
  END { if (NR == 0 || events + 0 != total + 0) { print "the copy has " events + 0 " of " total + 0 " events" > "/dev/stderr"; exit 1 } }'
sync "$part" 2>/dev/null || sync
mv "$part" "$BACKUP_DIR/$name"

# Names sort by time.
ls "$BACKUP_DIR" | grep '^claimline-[0-9TZ]*\.ndjson\.gz$' | sort -r | tail -n "+$((keep + 1))" | while read -r old; do
  rm -- "$BACKUP_DIR/$old"
done
echo "$BACKUP_DIR/$name"
