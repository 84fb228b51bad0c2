#!/usr/bin/env bash
# For a check of rollback-gate, once `test-command` has failed.
printf '%s\n' 'test-command failed: its step says why'
exit 1
