/** TensorFlow's operators that run Python, touch the disk or load code. */
export const hostOperators: readonly string[] = [
  'PyFunc',
  'EagerPyFunc',
  'PyFuncStateless',
  'ReadFile',
  'WriteFile',
  'MatchingFiles',
  'ShellExecute',
  'DebugIdentityV2',
  'WholeFileReaderV2',
  'FixedLengthRecordReaderV2',
  'TextLineReaderV2',
]
