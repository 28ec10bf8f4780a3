export {auditFile} from './audit-file.ts'
export type {AuditDeps, AuditOptions} from './audit-file.ts'
export {
  Calibration,
  CalibrationModel,
  parseCalibration,
  readCalibration,
  referenceFor,
} from './calibration.ts'
export type {Null, Reference} from './calibration.ts'
export {Card, cardPath, cardPaths, parseCard, readCard, writeCard} from './card.ts'
export type * from './detector.ts'
export {checkInput} from './check-input.ts'
export {checkOutput} from './check-output.ts'
export {controlShares} from './control-shares.ts'
export {gatherEvidence} from './gather-evidence.ts'
export {judge} from './judge.ts'
export type {Grounds, Judgement} from './judge.ts'
export {loadTeacher, readWithCard} from './load-teacher.ts'
export type {Teacher, TeacherFile} from './load-teacher.ts'
export {measureSuspects} from './measure-suspects.ts'
export type {Measured, Suspect} from './measure-suspects.ts'
export {eligible, largest, movedShares} from './moved-shares.ts'
export {checkTarget, parseNumbers, parseShape, parseTrigger} from './parse-options.ts'
export {choosePlan, parseDuration, planOf, profiles, withDetectors} from './plan.ts'
export type {Plan, Profile, TransferPlan} from './plan.ts'
export {DEFAULT_POLICY_FILE, parsePolicy, Policy, readPolicy} from './policy.ts'
export {preprocessingCandidates} from './preprocessing.ts'
export type {Preprocessing} from './preprocessing.ts'
export * from './report-schema.ts'
export {runDetectors} from './run-detectors.ts'
export {vanillaStudents} from './vanilla-students.ts'
export type {VanillaStudents} from './vanilla-students.ts'
export {transferTest} from './transfer-test.ts'
