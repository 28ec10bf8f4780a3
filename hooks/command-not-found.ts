export {commandNotFound as default} from '@abd/cli'
