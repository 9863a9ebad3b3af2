# shellcheck shell=bash
# Loads the parts of the test bed. The caller sets HERE, the folder of tests/run.
for part in common install sid tls postgres mysql mariadb s3 servers; do
    # shellcheck source=/dev/null
    source "$HERE/bed/$part.sh"
done
