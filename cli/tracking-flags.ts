import {Flags} from '@oclif/core'

/** Of commands whose runs MLflow can show. */
export const trackingFlags = {
  mlflow: Flags.string({
    helpValue: 'URI',
    summary: 'Log to this MLflow server (default: MLFLOW_TRACKING_URI, where it is set).',
    helpGroup: 'TRACKING',
  }),
  experiment: Flags.string({
    helpValue: 'NAME',
    summary: "MLflow's experiment (default: MLFLOW_EXPERIMENT_NAME, else abd).",
    helpGroup: 'TRACKING',
  }),
  'run-name': Flags.string({helpValue: 'NAME', summary: 'Of the run in MLflow.', helpGroup: 'TRACKING'}),
  track: Flags.boolean({
    allowNo: true,
    summary: 'Record the run for abd track sync, even where no server is named; --no-track: nowhere at all.',
    helpGroup: 'TRACKING',
  }),
}

export interface TrackingFlags {
  readonly mlflow?: string | undefined
  readonly experiment?: string | undefined
  readonly 'run-name'?: string | undefined
  readonly track?: boolean | undefined
}

/** Of commands that work on journals. */
export const journalFlags = {
  mlflow: Flags.string({
    helpValue: 'URI',
    summary: 'The server (default: MLFLOW_TRACKING_URI, else the one the runs were meant for).',
  }),
  journal: Flags.string({
    helpValue: 'DIR',
    summary: "Where runs are recorded (default: ABD_TRACK_DIR, else a folder of the user's own).",
  }),
}
