export { canonicalJson } from './canonical-json.ts'
export {
    type ChainHead,
    type ChainVerdict,
    checkLink,
    emptyChain,
    genesisHash,
    type Seal,
    type Sha256,
    sealEntry,
    verifyChain,
} from './hash-chain.ts'
