#!/bin/sh
# Back up the team's server while it runs: PostgreSQL, Label Studio's files, goldleaf's data directory.
#   docker/backup.sh FOLDER     writes FOLDER/{label-studio.sql.gz,label-studio-files.tar.gz,goldleaf.tar.gz}
# They hold passwords. docker/README.md says how they come back.
set -eu
compose="docker compose -f $(dirname "$0")/compose.yaml"
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
whole label-studio.sql.gz $compose exec -T database \
	pg_dump -U label_studio -d label_studio --clean --if-exists --compress 6
# Uploaded files, and the key by which sessions and tokens are signed (.env).
whole label-studio-files.tar.gz $compose exec -T label-studio tar -czf - -C /home/label-studio/data .
$compose exec -T backend goldleaf backup /home/goldleaf/volume/backup.tar.gz --overwrite
whole goldleaf.tar.gz $compose exec -T backend cat /home/goldleaf/volume/backup.tar.gz
$compose exec -T backend rm /home/goldleaf/volume/backup.tar.gz
echo "$out: $(ls "$out" | tr '\n' ' ')"
