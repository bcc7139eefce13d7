//! Who may do what.

use serde::{Deserialize, Serialize};

/// What somebody is to the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Looks, also at what critics say, and decides nothing.
    Viewer,
    /// Answers tasks, and sees what critics say of them only afterwards.
    Reviewer,
    /// Answers, decides conflicts, fills and clears the queue, sees everything.
    Curator,
    /// May do everything.
    Admin,
    /// A program that brings items and labels.
    Ingest,
}

/// What can be allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Permission {
    /// Look at items, tasks and counts.
    Read,
    /// Look at rewards, verdicts and everybody's labels.
    SeeScores,
    /// Take tasks and answer them.
    Review,
    /// Add and release tasks, decide conflicts.
    Curate,
    /// Look at users and the audit log.
    Administer,
    /// Bring items.
    Ingest,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 5] = [Self::Viewer, Self::Reviewer, Self::Curator, Self::Admin, Self::Ingest];

    /// Returns the name under which it is kept.
    pub fn name(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Reviewer => "reviewer",
            Self::Curator => "curator",
            Self::Admin => "admin",
            Self::Ingest => "ingest",
        }
    }

    /// Returns the role that is kept under `name`; None where there is none.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }

    /// Tells whether the role has the permission.
    pub fn may(self, permission: Permission) -> bool {
        use Permission::{Curate, Ingest, Read, Review, SeeScores};
        let allowed: &[Permission] = match self {
            Self::Viewer => &[Read, SeeScores],
            Self::Reviewer => &[Read, Review],
            Self::Curator => &[Read, SeeScores, Review, Curate],
            Self::Admin => return true,
            Self::Ingest => &[Ingest],
        };
        allowed.contains(&permission)
    }
}

impl Permission {
    /// Every permission.
    pub const ALL: [Self; 6] =
        [Self::Read, Self::SeeScores, Self::Review, Self::Curate, Self::Administer, Self::Ingest];
}
