//! Batches of the verifiable oblivious PRF of RFC 9497 (mode VOPRF, ristretto255-SHA512).
//!
//! Elements, scalars and proofs cross this wall as the fixed-width bytes of the RFC (`SerializeElement`,
//! `SerializeScalar`); everything read is checked there: canonical, not the identity. The group, the proof and the
//! hashing are the `voprf` crate's. This crate adds batches, one error per cause, and (feature `python`) a binding.
//! It leaves out: where keys live, what is asked about, how often. Randomness is the operating system's.

use rand_core::{CryptoRng, RngCore};
use voprf::{
    BlindedElement, EvaluationElement, Group, Proof, Ristretto255, VoprfClient, VoprfServer,
};

#[cfg(feature = "python")]
mod python;

type Suite = Ristretto255;
type GroupElement = <Ristretto255 as Group>::Elem;

/// Bytes of a serialised group element, and of a scalar.
pub const ELEMENT_SIZE: usize = 32;
/// Bytes of a proof: two scalars, `c ‖ s`.
pub const PROOF_SIZE: usize = 64;
/// Bytes of an output: one SHA-512.
pub const OUTPUT_SIZE: usize = 64;
/// The most elements one proof may cover (the RFC counts them in two bytes).
pub const MAX_BATCH: usize = 65_535;

/// Why a batch was refused. Nothing here repeats an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OprfError {
    /// The batch is empty, too long, or its parts differ in number.
    Batch,
    /// An input is empty or longer than 65,535 bytes, or hashes to the identity.
    Input,
    /// An element, a scalar or a proof is not canonically encoded, or is the identity.
    Encoding,
    /// The proof does not hold for this public key: another key evaluated, or the answer was altered.
    Proof,
}

impl From<voprf::Error> for OprfError {
    fn from(error: voprf::Error) -> Self {
        match error {
            voprf::Error::Input => Self::Input,
            voprf::Error::Batch => Self::Batch,
            voprf::Error::ProofVerification => Self::Proof,
            _ => Self::Encoding,
        }
    }
}

impl OprfError {
    /// What a person should read.
    pub const fn message(self) -> &'static str {
        match self {
            Self::Batch => "expected a batch of 1 to 65,535 with equally many of each part",
            Self::Input => "expected inputs of 1 to 65,535 bytes",
            Self::Encoding => "expected canonical ristretto255 encodings that are not the identity",
            Self::Proof => "the proof does not hold for this public key",
        }
    }
}

/// What a client keeps between blinding and finalising: the inputs with their blinds, wiped when dropped.
pub struct Blinding {
    inputs: Vec<zeroize::Zeroizing<Vec<u8>>>,
    states: Vec<VoprfClient<Suite>>,
}

fn batch_size(count: usize) -> Result<(), OprfError> {
    if count == 0 || count > MAX_BATCH {
        return Err(OprfError::Batch);
    }
    Ok(())
}

fn exactly<T>(
    bytes: &[u8],
    size: usize,
    read: impl Fn(&[u8]) -> voprf::Result<T>,
) -> Result<T, OprfError> {
    if bytes.len() != size {
        return Err(OprfError::Encoding);
    }
    read(bytes).map_err(|_| OprfError::Encoding)
}

fn read_public_key(bytes: &[u8]) -> Result<GroupElement, OprfError> {
    exactly(bytes, ELEMENT_SIZE, |raw| {
        <Ristretto255 as Group>::deserialize_elem(raw)
    })
}

/// `Blind`: one fresh blind for each input.
pub fn blind<R: RngCore + CryptoRng>(
    inputs: &[&[u8]],
    rng: &mut R,
) -> Result<(Blinding, Vec<Vec<u8>>), OprfError> {
    batch_size(inputs.len())?;
    let mut states = Vec::with_capacity(inputs.len());
    let mut elements = Vec::with_capacity(inputs.len());
    for input in inputs {
        if input.is_empty() {
            return Err(OprfError::Input);
        }
        let blinded = VoprfClient::<Suite>::blind(input, rng)?;
        states.push(blinded.state);
        elements.push(blinded.message.serialize().to_vec());
    }
    let inputs = inputs
        .iter()
        .map(|input| zeroize::Zeroizing::new(input.to_vec()))
        .collect();
    Ok((Blinding { inputs, states }, elements))
}

impl Blinding {
    /// `Finalize`: check the proof over the whole batch, then unblind each output.
    pub fn finalize(
        &self,
        evaluated: &[&[u8]],
        proof: &[u8],
        public_key: &[u8],
    ) -> Result<Vec<[u8; OUTPUT_SIZE]>, OprfError> {
        if evaluated.len() != self.states.len() {
            return Err(OprfError::Batch);
        }
        let messages = evaluated
            .iter()
            .map(|raw| exactly(raw, ELEMENT_SIZE, EvaluationElement::<Suite>::deserialize))
            .collect::<Result<Vec<_>, _>>()?;
        let proof = exactly(proof, PROOF_SIZE, Proof::<Suite>::deserialize)?;
        let key = read_public_key(public_key)?;
        let inputs: Vec<&[u8]> = self.inputs.iter().map(|input| input.as_slice()).collect();
        VoprfClient::batch_finalize(&inputs, &self.states, &messages, &proof, key)?
            .map(|output| Ok(output?.into()))
            .collect()
    }
}

/// One key of the server's: `skS` and, made from it, `pkS`.
pub struct ServerKey {
    server: VoprfServer<Suite>,
}

impl ServerKey {
    /// `DeriveKeyPair` from a 32-byte seed and public information.
    pub fn derive(seed: &[u8], info: &[u8]) -> Result<Self, OprfError> {
        if seed.len() != ELEMENT_SIZE {
            return Err(OprfError::Encoding);
        }
        Ok(Self {
            server: VoprfServer::new_from_seed(seed, info)?,
        })
    }

    /// The public key that proofs are checked against.
    pub fn public_key(&self) -> Vec<u8> {
        <Ristretto255 as Group>::serialize_elem(self.server.get_public_key()).to_vec()
    }

    /// `BlindEvaluate` with one proof for the batch.
    pub fn evaluate<R: RngCore + CryptoRng>(
        &self,
        blinded: &[&[u8]],
        rng: &mut R,
    ) -> Result<(Vec<Vec<u8>>, Vec<u8>), OprfError> {
        batch_size(blinded.len())?;
        let elements = blinded
            .iter()
            .map(|raw| exactly(raw, ELEMENT_SIZE, BlindedElement::<Suite>::deserialize))
            .collect::<Result<Vec<_>, _>>()?;
        let result = self.server.batch_blind_evaluate(rng, &elements)?;
        let answers = result
            .messages
            .iter()
            .map(|m| m.serialize().to_vec())
            .collect();
        Ok((answers, result.proof.serialize().to_vec()))
    }
}
