//! The generator that every random operation draws from (Salmon and others, 2011).

/// Philox4x32-10 as the paper writes a round: (L, R) pairs, multiplied, crossed, and the key bumped.
pub(super) fn philox([mut r0, mut l0, mut r1, mut l1]: [u32; 4], key: [u32; 2]) -> [u32; 4] {
    for round in 0..10_u32 {
        let bumped = [
            key[0].wrapping_add(0x9E37_79B9_u32.wrapping_mul(round)),
            key[1].wrapping_add(0xBB67_AE85_u32.wrapping_mul(round)),
        ];
        let (first, second) = (u64::from(r0) * 0xD251_1F53, u64::from(r1) * 0xCD9E_8D57);
        r0 = (second >> 32) as u32 ^ l0 ^ bumped[0];
        l0 = second as u32;
        r1 = (first >> 32) as u32 ^ l1 ^ bumped[1];
        l1 = first as u32;
    }
    [r0, l0, r1, l1]
}
