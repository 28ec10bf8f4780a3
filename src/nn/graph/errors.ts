import {environmentError} from '../../errors.ts'

/** The graph in a file asks for what abd does not do. */
export const unsupported = (what: string) =>
  environmentError({
    code: 'E_GRAPH',
    message: `The graph of the model cannot be run: ${what}.`,
    hints: ['Export the classifier alone, in inference mode, or save its weights as a state dict.'],
  })
