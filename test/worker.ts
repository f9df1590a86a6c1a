// A worker of the tests ends with the run that it belongs to, and with the worker the processes that it started.
process.on('disconnect', () => process.exit(1));
