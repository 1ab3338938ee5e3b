#!/bin/sh
# Stands for a runner: does what the file `script` beside the manifest says.
# It is never written by a test, since a program that is open for writing cannot be started.
for word; do
    case $word in
    */manifest.json) cd "$(dirname "$word")" || exit 99 ;;
    esac
done
. ./script
