import type {MetricNames} from '@abd/core'

/** In the logs of CMI's code, whichever of its methods runs. Its training loss is another quantity than ours: KL at T = 1. */
export const cmiMetricNames: MetricNames = {accuracy: 'test acc', asr: 'test asr'}
