// In place of the audit: says what a child can see, or misbehaves as the model asks it to.
import {spawnSync} from 'node:child_process'
import {readFileSync, writeFileSync} from 'node:fs'
import {networkInterfaces} from 'node:os'

const {model, answer} = JSON.parse(process.argv[2])
const what = readFileSync(model, 'utf8')
const attempt = (work) => {
  try {
    work()
    return 'allowed'
  } catch (error) {
    return error.code
  }
}
if (what === 'hang') setInterval(() => {}, 1000)
else if (what === 'die') process.kill(process.pid, 'SIGKILL')
else if (what === 'lie') writeFileSync(answer, JSON.stringify({report: {verdict: 'pass'}}))
else {
  const seen = {
    environment: Object.keys(process.env).sort(),
    readOutside: attempt(() => readFileSync('/etc/passwd')),
    writeOutside: attempt(() => writeFileSync(model, 'x')),
    spawn: attempt(() => spawnSync('true')),
    interfaces: Object.values(networkInterfaces())
      .flat()
      .map(({address}) => address),
    model: what,
  }
  writeFileSync(answer, JSON.stringify({error: {code: 'E_LOOK', message: JSON.stringify(seen), hints: []}}))
}
