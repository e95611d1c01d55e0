//! The icons, drawn as strokes on a 24 × 24 grid. They decorate a word and never stand for it.

use leptos::prelude::*;

/// An icon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Icon {
    Alert,
    ArrowDown,
    ArrowUp,
    Check,
    CheckCircle,
    ChevronLeft,
    ChevronRight,
    Circle,
    Clock,
    Copy,
    Download,
    External,
    Info,
    Key,
    Layers,
    Link,
    List,
    Minus,
    Pause,
    Play,
    Power,
    Retry,
    Search,
    Send,
    Sort,
    Spinner,
    Trash,
    Undo,
    Upload,
    User,
    Cross,
}

impl Icon {
    const fn path(self) -> &'static str {
        match self {
            Self::Alert => "M12 4 2.8 20h18.4L12 4Zm0 6v4.5m0 2.8v.2",
            Self::ArrowDown => "M12 5v14m-5-5 5 5 5-5",
            Self::ArrowUp => "M12 19V5m-5 5 5-5 5 5",
            Self::Check => "m5 12.5 4.5 4.5L19 7",
            Self::CheckCircle => "M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0ZM8 12.3l2.8 2.7L16 9.5",
            Self::ChevronLeft => "m14.5 6-6 6 6 6",
            Self::ChevronRight => "m9.5 6 6 6-6 6",
            Self::Circle => "M20 12a8 8 0 1 1-16 0 8 8 0 0 1 16 0Z",
            Self::Clock => "M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0Zm-9-5v5l3.5 2",
            Self::Copy => "M9 9h11v11H9zM5 15H4V4h11v1",
            Self::Download => "M12 4v11m-4.5-4.5L12 15l4.5-4.5M4 20h16",
            Self::External => "M14 4h6v6m0-6-9 9M10 5H5v14h14v-5",
            Self::Info => "M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0Zm-9-1v5.5m0-9v.2",
            Self::Key => "M14.5 9.5a4 4 0 1 1-8 0 4 4 0 0 1 8 0Zm-1.3 2.7L20 19m-3-3 2-2",
            Self::Layers => "m12 4 9 5-9 5-9-5 9-5Zm-9 9.5 9 5 9-5",
            Self::Link => {
                "M10 14a4 4 0 0 0 6 .4l3-3A4.1 4.1 0 0 0 13.2 5.6L12 6.8M14 10a4 4 0 0 0-6-.4l-3 3a4.1 4.1 0 0 0 5.8 5.8l1.2-1.2"
            }
            Self::List => "M9 6h11M9 12h11M9 18h11M4.5 6v.01M4.5 12v.01M4.5 18v.01",
            Self::Minus => "M6 12h12",
            Self::Pause => "M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0ZM10 9v6m4-6v6",
            Self::Play => "M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0ZM10 8.5v7l5.5-3.5-5.5-3.5Z",
            Self::Power => "M12 3.5v8M6.8 7a8 8 0 1 0 10.4 0",
            Self::Retry => "M20 5v5h-5m4.5 0A8 8 0 1 0 20 13.5",
            Self::Search => "M17 10.5a6.5 6.5 0 1 1-13 0 6.5 6.5 0 0 1 13 0Zm-1.8 4.7L20.5 20.5",
            Self::Send => "m4 11 16-7-6 16-3-7-7-2Zm7 2 4-4",
            Self::Sort => "m8 9 4-4 4 4M8 15l4 4 4-4",
            Self::Spinner => "M12 3a9 9 0 1 1-8.5 6",
            Self::Trash => "M4 7h16M9 7V4h6v3M6.5 7l1 13h9l1-13M10 11v5m4-5v5",
            Self::Undo => "M4 5v5h5m-4.5 0A8 8 0 1 1 4 13.5",
            Self::Upload => "M12 16V4M7.5 8.5 12 4l4.5 4.5M4 20h16",
            Self::User => "M16 8a4 4 0 1 1-8 0 4 4 0 0 1 8 0ZM4.5 20.5c.8-4 3.7-6 7.5-6s6.7 2 7.5 6",
            Self::Cross => "M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0ZM9 9l6 6m0-6-6 6",
        }
    }

    /// Whether the icon turns while work is under way (it stands still where less motion is asked for).
    const fn class(self) -> &'static str {
        match self {
            Self::Spinner => "icon spin",
            _ => "icon",
        }
    }
}

/// Draws an icon.
pub(crate) fn glyph(icon: Icon) -> impl IntoView {
    view! {
        <svg class=icon.class() width="18" height="18" viewBox="0 0 24 24" aria-hidden="true">
            <path d=icon.path() />
        </svg>
    }
}
