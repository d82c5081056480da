#!/usr/bin/env bash
# One part of a dataset a task of a SLURM array; the parts share a folder that all nodes see.
#
#   grilse plan --batches 275 --stagger 6 --output schedule.yaml
#   array=$(sbatch --parsable --export=ALL,SCHEDULE=schedule.yaml,DEST=/shared/farm slurm-array.sh)
#   sbatch --dependency=afterok:$array --wrap "grilse finalise /shared/farm"
#
# A task that fails, or is run again, goes on where it stopped.
#SBATCH --job-name=grilse
#SBATCH --array=1-24
#SBATCH --cpus-per-task=2
#SBATCH --mem=2G
#SBATCH --requeue
set -euo pipefail

exec grilse run "$SCHEDULE" --to "$DEST" --workers "${SLURM_CPUS_PER_TASK:-1}" \
  --partition "$SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT"
