//! Prompts of which a fit knows labels: on these it foretells nothing, and a promise must not rest on them.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use rewardctl_core::id::ContentId;
use rewardctl_model::learn::write::LABELLED;

use crate::error::Error;
use crate::learn::gather::Gathered;

impl Gathered {
    /// Returns a fingerprint of each labelled prompt: its name, and what the critics say of its responses.
    pub fn labelled(&self) -> Vec<String> {
        let mut found: Vec<String> =
            self.labelled_groups().into_iter().map(|group| self.fingerprint(group)).collect();
        found.sort_unstable();
        found
    }

    /// Returns the labelled prompts of which the aggregator in `folder` knows labels, by number.
    pub fn known_to(&self, folder: &Path) -> Result<HashSet<usize>, Error> {
        let path = folder.join(LABELLED);
        let text = match fs::read_to_string(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(HashSet::new()),
            read => read.map_err(|source| Error::ReadPanel { path, source })?,
        };
        let known: HashSet<&str> = text.lines().collect();
        let mut groups = self.labelled_groups();
        groups.retain(|group| known.contains(self.fingerprint(*group).as_str()));
        Ok(groups)
    }

    /// Leaves out what people said of these prompts.
    pub fn forget(&mut self, groups: &HashSet<usize>) {
        let of = |response: usize| self.observed[response].group;
        self.said.retain(|said| !groups.contains(&of(said.opinion.subject().0)));
    }

    fn labelled_groups(&self) -> HashSet<usize> {
        let of = |response: usize| self.observed[response].group;
        self.said.iter().map(|said| of(said.opinion.subject().0)).collect()
    }

    /// The same in whatever order the responses come.
    fn fingerprint(&self, group: usize) -> String {
        // A missing score is no number, and none stands for it.
        let score =
            |score: &Option<f64>| score.map_or("-".into(), |score| format!("{:016x}", score.to_bits()));
        let response =
            |place: &usize| self.observed[*place].scores.iter().map(score).collect::<Vec<_>>().join(" ");
        let mut responses: Vec<String> = self.responses_of[group].iter().map(response).collect();
        responses.sort_unstable();
        let parts = std::iter::once(&self.item_names[group]).chain(&responses);
        ContentId::of("labelled prompt", parts.map(String::as_bytes)).to_string()
    }
}
