export * from 'tocsin/sinks/listening'
