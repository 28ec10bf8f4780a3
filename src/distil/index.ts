export {distilStudent} from './distil-student.ts'
export type {Configuration, DistilRequest, Distilled} from './distil-student.ts'
