import {describe, expect, it} from 'vitest'
import {destinationOf, trackingSettings} from '../../../src/track/settings.ts'

describe('trackingSettings', () => {
  it('knows no server where none is named', () => {
    expect(trackingSettings({})).toBeUndefined()
    expect(trackingSettings({MLFLOW_TRACKING_URI: ''})).toBeUndefined()
  })

  it('takes user and password out of the address', () => {
    const settings = trackingSettings({MLFLOW_TRACKING_URI: 'http://me:s%20cret@host:5000/prefix/?x=1'})!
    expect(settings.uri).toBe('http://host:5000/prefix')
    expect(settings.authorization).toBe(`Basic ${Buffer.from('me:s cret').toString('base64')}`)
    expect(settings.secrets).toContain('s cret')
  })

  it('sends a token, or the user where both are set', () => {
    const uri = 'https://host'
    expect(trackingSettings({MLFLOW_TRACKING_TOKEN: 'abc'}, {uri})?.authorization).toBe('Bearer abc')
    expect(
      trackingSettings(
        {MLFLOW_TRACKING_TOKEN: 'abc', MLFLOW_TRACKING_USERNAME: 'u', MLFLOW_TRACKING_PASSWORD: 'p'},
        {uri},
      )?.authorization,
    ).toBe('Basic dTpw')
  })

  it.each(['file:///tmp/mlruns', './mlruns', 'databricks', 'sqlite:///mlflow.db'])('refuses %s', (uri) => {
    expect(() => trackingSettings({}, {uri})).toThrow(
      expect.objectContaining({code: 'E_TRACKING_URI', exit: 2}) as Error,
    )
  })

  it('names the variable that makes no sense', () => {
    expect(() => trackingSettings({MLFLOW_HTTP_REQUEST_TIMEOUT: 'soon'}, {uri: 'http://host'})).toThrow(
      /MLFLOW_HTTP_REQUEST_TIMEOUT/,
    )
  })
})

describe('destinationOf', () => {
  it('prefers what is asked for to MLflow’s variables, and those to a name of our own', () => {
    expect(destinationOf({})).toEqual({experimentName: 'abd'})
    expect(destinationOf({MLFLOW_EXPERIMENT_ID: '7', MLFLOW_RUN_ID: 'r'})).toEqual({
      experimentName: 'abd',
      experimentId: '7',
      runId: 'r',
    })
    expect(destinationOf({MLFLOW_EXPERIMENT_ID: '7'}, {experiment: 'mine'})).toEqual({experimentName: 'mine'})
  })
})
