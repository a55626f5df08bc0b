#!/usr/bin/env node
import { createProgram } from './create-program.ts';
import { endWithoutReader } from './end-without-reader.ts';

endWithoutReader(process.stdout);
endWithoutReader(process.stderr);
await createProgram().parseAsync();
