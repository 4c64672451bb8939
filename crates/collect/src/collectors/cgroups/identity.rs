//! What a unit or container is called.

/// Values of labels; those that are not known are empty, and such labels are left out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Identity {
    /// Name of the unit or the container.
    pub(super) name: String,
    /// What the container was made from.
    pub(super) image: String,
    /// Pod and name space, under Kubernetes.
    pub(super) pod: String,
    pub(super) namespace: String,
}

impl Identity {
    pub(super) fn named(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }

    /// In the order of the labels of containers; units have the first only.
    pub(super) fn labels(&self) -> [&str; 4] {
        [&self.name, &self.image, &self.pod, &self.namespace]
    }
}
