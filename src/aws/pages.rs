//! Lists of several pages.

/// Reads every page of a list, of Organizations unless another service is named.
macro_rules! every_page {
    ($aws:expr, $operation:literal, $request:expr, $items:ident) => {
        every_page!($aws, "organizations", $operation, $request, $items)
    };
    ($aws:expr, $service:literal, $operation:literal, $request:expr, $items:ident) => {{
        const OPERATION: &str = concat!($service, ":", $operation);
        let mut items = Vec::new();
        let mut pages = $crate::api::Pages::new(OPERATION);
        loop {
            $aws.pace.wait($operation).await;
            let page = $request.set_next_token(pages.token()).send().await.map_err(|error| translate(OPERATION, &error))?;
            let found = $crate::aws::pages::IntoPages::into_pages(page.$items);
            let more = pages.turn(found.len(), page.next_token)?;
            items.extend(found);
            if !more {
                break items;
            }
        }
    }};
}

pub(super) use every_page;

/// The items of a page: SDKs have a list, or none where AWS left it out.
pub trait IntoPages<T> {
    fn into_pages(self) -> Vec<T>;
}

impl<T> IntoPages<T> for Option<Vec<T>> {
    fn into_pages(self) -> Vec<T> {
        self.unwrap_or_default()
    }
}

impl<T> IntoPages<T> for Vec<T> {
    fn into_pages(self) -> Self {
        self
    }
}
