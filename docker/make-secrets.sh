#!/bin/sh
# Make the passwords of the team's server, once: files in docker/secrets and their place in docker/.env.
#   docker/make-secrets.sh annotate.example.org lead@example.org
# What is there already stays.
set -eu
cd "$(dirname "$0")"
if [ $# -ne 2 ]; then
	echo "usage: $0 DOMAIN EMAIL (the server's name, and the first account)" >&2
	exit 2
fi
umask 077
# The folder is closed; its files must be readable for the users inside the containers.
mkdir -p secrets
for name in database_password admin_password backend_password webhook_secret; do
	if [ ! -s "secrets/$name" ]; then
		head -c 24 /dev/urandom | base64 | tr '+/' '-_' | tr -d '\n' > "secrets/.$name"
		chmod 444 "secrets/.$name"
		mv "secrets/.$name" "secrets/$name"
	fi
done
if [ ! -s .env ]; then
	printf 'GOLDLEAF_DOMAIN=%s\nLABEL_STUDIO_USERNAME=%s\nGOLDLEAF_SECRETS=./secrets\n' "$1" "$2" > .env
fi
echo "docker/.env and docker/secrets are there. First password of $2: docker/secrets/admin_password"
