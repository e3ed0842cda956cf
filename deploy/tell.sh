#!/bin/sh
# tell.sh UNIT: mail the state and the last lines of a systemd unit to $DATELINE_NOTIFY. Called when it failed.
set -eu
unit=$1
{
    printf 'To: %s\nSubject: %s failed on %s\n\n' "${DATELINE_NOTIFY:-root}" "$unit" "$(uname -n)"
    # `status` ends with 3 for a unit that is not active
    systemctl status --full --no-pager --lines=60 "$unit" || true
    printf '\nThe exit codes are in the README of Dateline. What waits:  archive stats\n'
} | "${SENDMAIL:-/usr/sbin/sendmail}" -t
