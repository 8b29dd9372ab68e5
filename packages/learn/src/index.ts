export { type Backtest, type BacktestOptions, backtestForecast, learningCurve, scoreForecast } from './backtest.ts'
export { type Comparison, compareLosses, type Drift, measureDrift, stabilityIndex } from './compare.ts'
export {
    type Fan,
    type ForecastModel,
    forecastDay,
    type SeriesDay,
} from './forecast.ts'
export {
    describeComparison,
    emptyRegister,
    isHeld,
    judgeModel,
    type ModelCard,
    type ModelEntry,
    type ModelEvent,
    type ModelRegister,
    type ModelState,
    promotedOf,
    promoteModel,
    proposeModel,
    type RegisteredModel,
    type RegisterStep,
    rollBack,
    type Step,
    withoutBody,
} from './register.ts'
export { fitRidge, predictRidge, type Ridge } from './ridge.ts'
export { crpsOf, type DayScore, type ForecastScores, pinballLoss, scoreDay, sumScores } from './scores.ts'
export { leastTrainingDays, type TrainOptions, trainForecast } from './train-forecast.ts'
export { updateFan } from './update-fan.ts'
