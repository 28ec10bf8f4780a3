import type {Case} from '../case.ts'
import {capturedInference} from './captured-inference.ts'
import {capturedMemory} from './captured-memory.ts'
import {capturingCost} from './capturing-cost.ts'
import {epochsInTurns} from './epochs.ts'
import {isolatedParse} from './isolated-parse.ts'
import {loadSafetensors} from './load-safetensors.ts'
import {logitsDifference} from './logits-difference.ts'
import {loadTorchZip} from './load-torch-zip.ts'
import {capturedMaximumMargin, maximumMarginLoop} from './maximum-margin-loop.ts'
import {oodEpoch} from './ood-epoch.ts'
import {retrospectionCurvature} from './retrospection-curvature.ts'
import {steadyMemory} from './steady-memory.ts'
import {studentSteps} from './student-step.ts'
import {jobOverhead, plannedJobs, sweepStatus} from './sweeps.ts'
import {teacherForward} from './teacher-forward.ts'
import {largeArtifact, loggingShare, replayedMetrics} from './tracking.ts'
import {zsktCycles} from './zskt-cycle.ts'

export const cases: readonly Case[] = [
  ...studentSteps,
  oodEpoch,
  ...epochsInTurns,
  teacherForward,
  ...capturedInference,
  maximumMarginLoop,
  capturedMaximumMargin,
  capturingCost,
  steadyMemory,
  ...capturedMemory,
  loadSafetensors,
  logitsDifference,
  retrospectionCurvature,
  loadTorchZip,
  isolatedParse,
  ...zsktCycles,
  plannedJobs,
  jobOverhead,
  sweepStatus,
  ...(process.env['ABD_BENCH_MLFLOW'] ? [replayedMetrics, largeArtifact, loggingShare] : []),
]
