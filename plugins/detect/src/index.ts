import type {AbdPlugin} from '@abd/core'
import {activationClustering} from './detectors/activation-clustering.ts'
import {adaptivePatterns} from './detectors/adaptive-patterns.ts'
import {adaptiveProbes} from './detectors/adaptive-probes.ts'
import {batchNormOutlier} from './detectors/batch-norm-outlier.ts'
import {channelLipschitz} from './detectors/channel-lipschitz.ts'
import {classAgreement} from './detectors/class-agreement.ts'
import {convergenceSpeed} from './detectors/convergence-speed.ts'
import {freeEagle} from './detectors/free-eagle.ts'
import {knownTriggers} from './detectors/known-triggers.ts'
import {lastLayer} from './detectors/last-layer.ts'
import {maximumMargin} from './detectors/maximum-margin.ts'
import {neuralCleanse} from './detectors/neural-cleanse.ts'
import {nearOodShift, oodShift} from './detectors/ood-shift.ts'
import {patchProbesDetector} from './detectors/patch-probes.ts'
import {patternProbesDetector} from './detectors/pattern-probes.ts'
import {predictionSkew} from './detectors/prediction-skew.ts'
import {shuffleDivergence} from './detectors/shuffle-divergence.ts'
import {strip} from './detectors/strip.ts'
import {studentTransfer} from './detectors/student-transfer.ts'
import {triggerInversion} from './detectors/trigger-inversion.ts'
import {universalPerturbation} from './detectors/universal-perturbation.ts'
import {waveProbes} from './detectors/wave-probes.ts'

export const detectPlugin: AbdPlugin = {
  name: '@abd/plugin-detect',
  methods: [
    knownTriggers,
    patchProbesDetector,
    patternProbesDetector,
    waveProbes,
    adaptiveProbes,
    adaptivePatterns,
    predictionSkew,
    shuffleDivergence,
    lastLayer,
    maximumMargin,
    channelLipschitz,
    batchNormOutlier,
    triggerInversion,
    classAgreement,
    studentTransfer,
    universalPerturbation,
    freeEagle,
    convergenceSpeed,
    oodShift,
    nearOodShift,
    neuralCleanse,
    strip,
    activationClustering,
  ],
}

export {maximumMargin}
