#!/usr/bin/env bash
# Runs one function of the test bed in a shell of its own. Bash ignores `set -e`
# in all that is called from a condition; here it holds, so a step that fails
# half-way is a step that failed.
#
#   HERE=… CACHE=… RUN=… step.sh FUNCTION [ARGUMENT…]
set -euo pipefail
# shellcheck source=/dev/null
source "$HERE/bed/parts.sh"
"$@"
