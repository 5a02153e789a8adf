use super::*;
use cairn_provider_parts::testing::Replay;

#[test]
fn failing_generator_fails_the_operation() {
    for group in all() {
        for len in [0, 1, SEED_LEN - 1] {
            let failed = group.generate(&mut Replay(&[1; SEED_LEN][..len])).map(|_| ());
            assert_eq!(failed, Err(CryptoError::RandomFailed), "{:?}, {len} bytes", group.group());
        }
        let key = group.generate(&mut Replay(&[1; SEED_LEN])).unwrap();
        for len in [0, 31] {
            let failed = group.encapsulate(key.share(), &mut Replay(&[1; 32][..len])).map(|_| ());
            assert_eq!(failed, Err(CryptoError::RandomFailed), "{:?}, {len} bytes", group.group());
        }
        let answer = group.encapsulate(key.share(), &mut Replay(&[1; 32])).unwrap();
        assert_eq!(key.agree(&answer.share), Ok(answer.secret));
    }
}
