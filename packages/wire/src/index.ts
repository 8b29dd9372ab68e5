export { type FrameHeader, readFrameHeader, writeFrameHeader } from './frame.ts'
export { createReader, type Reader, type WireError } from './reader.ts'
export { createWriter, type Writer } from './writer.ts'
