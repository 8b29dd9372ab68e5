export { errorsOf, type Issue } from './issue.ts'
export {
    type ChoiceColumn,
    type Column,
    checkRow,
    choice,
    describeTable,
    type FlagColumn,
    fillRow,
    flag,
    int,
    type NumColumn,
    num,
    type RowInputOf,
    type RowOf,
    type Table,
    type TextColumn,
    text,
} from './schema.ts'
