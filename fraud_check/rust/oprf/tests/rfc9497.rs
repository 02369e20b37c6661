//! The published vectors of RFC 9497, appendix A.1.2, whole: keys, blinds, elements, proofs and outputs.
//!
//! Blinds and the proof's scalar are fixed by a scripted source of randomness, which exists in this test only.

use oprf::{OprfError, ServerKey, blind};
use rand_core::{CryptoRng, Error, RngCore};

const VECTORS: &str =
    include_str!("../../../../tests/vectors/rfc9497/voprf-ristretto255-sha512.txt");

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}

fn all(section: &str, name: &str) -> Vec<Vec<u8>> {
    let prefix = format!("{name} = ");
    let line = section
        .lines()
        .find_map(|l| l.strip_prefix(&prefix))
        .unwrap();
    line.split(',').map(unhex).collect()
}

fn views(parts: &[Vec<u8>]) -> Vec<&[u8]> {
    parts.iter().map(Vec::as_slice).collect()
}

/// Gives the listed scalars, each as 64 little-endian bytes (a scalar is drawn by reducing 64 bytes).
struct Scripted(Vec<Vec<u8>>);

impl RngCore for Scripted {
    fn next_u32(&mut self) -> u32 {
        unreachable!()
    }
    fn next_u64(&mut self) -> u64 {
        unreachable!()
    }
    fn fill_bytes(&mut self, dest: &mut [u8]) {
        let scalar = self.0.remove(0);
        dest.fill(0);
        dest[..scalar.len()].copy_from_slice(&scalar);
    }
    fn try_fill_bytes(&mut self, dest: &mut [u8]) -> Result<(), Error> {
        self.fill_bytes(dest);
        Ok(())
    }
}

impl CryptoRng for Scripted {}

fn sections() -> (String, Vec<String>) {
    let mut parts = VECTORS.split("\n# A.1.2").map(str::to_owned);
    parts.next();
    (parts.next().unwrap(), parts.collect())
}

#[test]
fn published_vectors_hold_byte_for_byte() {
    let (head, vectors) = sections();
    let key = ServerKey::derive(&all(&head, "Seed")[0], &all(&head, "KeyInfo")[0]).unwrap();
    assert_eq!(key.public_key(), all(&head, "pkSm")[0]);
    assert_eq!(vectors.len(), 3);
    for vector in &vectors {
        let inputs = all(vector, "Input");
        let (blinding, elements) =
            blind(&views(&inputs), &mut Scripted(all(vector, "Blind"))).unwrap();
        assert_eq!(elements, all(vector, "BlindedElement"));
        let mut scalar = Scripted(all(vector, "ProofRandomScalar"));
        let (answers, proof) = key.evaluate(&views(&elements), &mut scalar).unwrap();
        assert_eq!(answers, all(vector, "EvaluationElement"));
        assert_eq!(proof, all(vector, "Proof")[0]);
        let outputs = blinding
            .finalize(&views(&answers), &proof, &key.public_key())
            .unwrap();
        let expected: Vec<Vec<u8>> = all(vector, "Output");
        assert_eq!(
            outputs.iter().map(|o| o.to_vec()).collect::<Vec<_>>(),
            expected
        );
    }
}

#[test]
fn an_answer_by_another_key_is_refused() {
    let mut rng = rand_core::OsRng;
    let ours = ServerKey::derive(&[1; 32], b"epoch 1").unwrap();
    let other = ServerKey::derive(&[2; 32], b"epoch 1").unwrap();
    let (blinding, elements) = blind(&[b"account"], &mut rng).unwrap();
    let (answers, proof) = other.evaluate(&views(&elements), &mut rng).unwrap();
    let refused = blinding.finalize(&views(&answers), &proof, &ours.public_key());
    assert_eq!(refused.unwrap_err(), OprfError::Proof);
}

#[test]
fn bad_encodings_and_bad_batches_are_refused() {
    let mut rng = rand_core::OsRng;
    let key = ServerKey::derive(&[1; 32], b"").unwrap();
    let identity = [0_u8; 32];
    let not_canonical = [0xff_u8; 32];
    for raw in [
        &identity[..],
        &not_canonical[..],
        &[1; 31][..],
        &[1; 33][..],
    ] {
        assert_eq!(
            key.evaluate(&[raw], &mut rng).unwrap_err(),
            OprfError::Encoding
        );
    }
    assert_eq!(key.evaluate(&[], &mut rng).unwrap_err(), OprfError::Batch);
    assert_eq!(blind(&[], &mut rng).err().unwrap(), OprfError::Batch);
    assert_eq!(blind(&[b""], &mut rng).err().unwrap(), OprfError::Input);
    assert_eq!(
        ServerKey::derive(&[1; 31], b"").err().unwrap(),
        OprfError::Encoding
    );
    let (blinding, elements) = blind(&[b"a", b"b"], &mut rng).unwrap();
    let (answers, proof) = key.evaluate(&views(&elements), &mut rng).unwrap();
    let short = blinding.finalize(&views(&answers[..1]), &proof, &key.public_key());
    assert_eq!(short.unwrap_err(), OprfError::Batch);
    let swapped = [answers[1].as_slice(), answers[0].as_slice()];
    let refused = blinding.finalize(&swapped, &proof, &key.public_key());
    assert_eq!(refused.unwrap_err(), OprfError::Proof);
}
