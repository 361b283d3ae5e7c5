#!/bin/sh
# Back up the team's server while it runs: PostgreSQL, Label Studio's files, goldleaf's data directory.
#   docker/backup.sh FOLDER     writes FOLDER/{label-studio.sql.gz,label-studio-files.tar.gz,goldleaf.tar.gz}
# They hold passwords. docker/README.md says how they come back.
set -eu
here=$(dirname "$0")
inside() { # SERVICE COMMAND...: run in a service's container
	docker compose -f "$here/compose.yaml" exec -T "$@"
}
if [ $# -ne 1 ]; then
	echo "usage: $0 FOLDER" >&2
	exit 2
fi
out=$1
umask 077
mkdir -p "$out"
whole() { # NAME COMMAND...: the command's output into a file that is there only if it is whole
	name=$1
	shift
	"$@" > "$out/.$name.part"
	mv "$out/.$name.part" "$out/$name"
}
whole label-studio.sql.gz inside database \
	pg_dump -U label_studio -d label_studio --clean --if-exists --compress 6
# Uploaded files, and the key by which sessions and tokens are signed (.env).
whole label-studio-files.tar.gz inside label-studio tar -czf - -C /home/label-studio/data .
inside backend goldleaf backup /home/goldleaf/volume/backup.tar.gz --overwrite
whole goldleaf.tar.gz inside backend cat /home/goldleaf/volume/backup.tar.gz
inside backend rm /home/goldleaf/volume/backup.tar.gz
echo "$out: label-studio.sql.gz label-studio-files.tar.gz goldleaf.tar.gz"
