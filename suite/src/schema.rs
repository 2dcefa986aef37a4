//! The JSON Schemas of the YAML formats and of reports, for editors and for tools that write or read such files.
//!
//! They describe form. What a file means, and whether it is right, is for its parser to say; tests hold the two together.

/// A format with a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// `requirements/*.yaml`.
    Requirements,
    /// `cases/<section>/<suite>.yaml`.
    Cases,
    /// `probes.yaml`; refers to the schema of cases, which lies beside it.
    Probes,
    /// `fixtures.yaml`; refers to the schema of the mock's configuration, which lies beside it.
    Fixtures,
    /// `faults.yaml`; refers to the schema of the mock's configuration, which lies beside it.
    Faults,
    /// `kill-matrix.yaml`.
    KillMatrix,
    /// `survivors.yaml`.
    Survivors,
    /// `knobs.yaml`.
    Knobs,
    /// The mock's configuration.
    Configuration,
    /// The description of a deployment.
    Profile,
    /// `report.json`, the evidence of a run.
    Report,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Requirements,
        Self::Cases,
        Self::Probes,
        Self::Fixtures,
        Self::Faults,
        Self::KillMatrix,
        Self::Survivors,
        Self::Knobs,
        Self::Configuration,
        Self::Profile,
        Self::Report,
    ];

    /// The name of the schema's file.
    #[must_use]
    pub const fn file_name(self) -> &'static str {
        match self {
            Self::Requirements => "requirements.schema.json",
            Self::Cases => "cases.schema.json",
            Self::Probes => "probes.schema.json",
            Self::Fixtures => "fixtures.schema.json",
            Self::Faults => "faults.schema.json",
            Self::KillMatrix => "kill-matrix.schema.json",
            Self::Survivors => "survivors.schema.json",
            Self::Knobs => "knobs.schema.json",
            Self::Configuration => "configuration.schema.json",
            Self::Profile => "profile.schema.json",
            Self::Report => "report.schema.json",
        }
    }

    /// The schema, as text.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Requirements => include_str!("../../specs/schema/requirements.schema.json"),
            Self::Cases => include_str!("../../specs/schema/cases.schema.json"),
            Self::Probes => include_str!("../../specs/schema/probes.schema.json"),
            Self::Fixtures => include_str!("../../specs/schema/fixtures.schema.json"),
            Self::Faults => include_str!("../../specs/schema/faults.schema.json"),
            Self::KillMatrix => include_str!("../../specs/schema/kill-matrix.schema.json"),
            Self::Survivors => include_str!("../../specs/schema/survivors.schema.json"),
            Self::Knobs => include_str!("../../specs/schema/knobs.schema.json"),
            Self::Configuration => include_str!("../../specs/schema/configuration.schema.json"),
            Self::Profile => include_str!("../../specs/schema/profile.schema.json"),
            Self::Report => include_str!("../../specs/schema/report.schema.json"),
        }
    }

    /// The first line of a file in this format, for editors; `folder` is where the schemas are, seen from the file.
    #[must_use]
    pub fn modeline(self, folder: &str) -> String {
        format!("# yaml-language-server: $schema={folder}/{}", self.file_name())
    }
}

#[cfg(test)]
mod tests;
