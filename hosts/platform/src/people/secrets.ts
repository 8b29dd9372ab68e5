/** Random secrets, their fingerprints, and password hashes. */
import { createHash, randomBytes, scrypt, timingSafeEqual } from 'node:crypto'

/** 256 random bits, base64url: tokens of sessions, links and devices. */
export const newSecret = (): string => randomBytes(32).toString('base64url')

/** 160 random bits, hex: what a charging post takes, in 1.6 as a key of 20 bytes, in 2.0.1 as a password of 40 characters. */
export const newPostSecret = (): string => randomBytes(20).toString('hex')

/** SHA-256, hex: what is stored instead of a random secret. */
export const fingerprint = (secret: string): string => createHash('sha256').update(secret).digest('hex')

/** A salted password hash by scrypt (RFC 7914). */
export interface PasswordHash {
    readonly salt: string
    readonly hash: string
    /** cost N; r = 8, p = 1 */
    readonly cost: number
}

const cost = 32768

function derive(password: string, salt: Buffer, n: number): Promise<Buffer> {
    return new Promise((resolve, reject) =>
        scrypt(password.normalize('NFKC'), salt, 32, { N: n, r: 8, p: 1, maxmem: 256 * n * 8 }, (error, key) =>
            error ? reject(error) : resolve(key),
        ),
    )
}

export async function hashPassword(password: string): Promise<PasswordHash> {
    const salt = randomBytes(16)
    return { salt: salt.toString('hex'), hash: (await derive(password, salt, cost)).toString('hex'), cost }
}

export async function passwordFits(password: string, stored: PasswordHash): Promise<boolean> {
    const key = await derive(password, Buffer.from(stored.salt, 'hex'), stored.cost)
    return timingSafeEqual(key, Buffer.from(stored.hash, 'hex'))
}

/** Compares two secrets in a time that does not tell where they differ. */
export function sameSecret(a: string, b: string): boolean {
    return timingSafeEqual(Buffer.from(fingerprint(a), 'hex'), Buffer.from(fingerprint(b), 'hex'))
}
