/** The engine process: `dist/engine.js`, started by the client when it is first needed. */
import { createHandlers } from './handlers';
import { machinePorts } from './machine';
import { processPort, serve } from './server';

serve(createHandlers(machinePorts()), processPort());
