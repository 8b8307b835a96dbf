#!/usr/bin/env bash
# Submits a batch script of this folder with the resources that the environment names:
#
#     GPUS=1 TIME=08:00:00 PROMPTS=... REJECTED=... OUT=... deploy/slurm/submit.sh dpo.sbatch
#
# What the script itself reads (see its first lines) is handed on. PRINT_ONLY=1 prints the command and submits nothing.
set -euo pipefail

script=${1:?the name of a batch script of this folder, such as dpo.sbatch}
folder=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[ -f "$folder/$script" ] || {
    echo "submit.sh: there is no $script in $folder; expected one of: $(cd "$folder" && echo *.sbatch)" >&2
    exit 2
}

command=(
    sbatch
    --nodes=1
    --ntasks=1
    --cpus-per-task="${CPUS:-8}"
    --mem="${MEMORY:-64G}"
    --time="${TIME:-12:00:00}"
    --output="${LOGS:-.}/%x-%j.log"
    --export=ALL
)
[ "${GPUS:-1}" = 0 ] || command+=(--gres="gpu:${GPU_TYPE:+$GPU_TYPE:}${GPUS:-1}")
[ -z "${PARTITION:-}" ] || command+=(--partition="$PARTITION")
[ -z "${ACCOUNT:-}" ] || command+=(--account="$ACCOUNT")
command+=("$folder/$script")

if [ -n "${PRINT_ONLY:-}" ]; then
    printf '%q ' "${command[@]}"
    echo
else
    exec "${command[@]}"
fi
