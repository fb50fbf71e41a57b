//! Lists with several pages.

/// Reads every page of a list.
macro_rules! every_page {
    ($aws:expr, $operation:ident, $request:expr, $items:ident) => {{
        const OPERATION: $crate::api::Operation = $crate::api::Operation::$operation;
        let mut items = Vec::new();
        let mut pages = $crate::api::Pages::new(OPERATION);
        loop {
            $aws.pace.wait(OPERATION).await;
            let page = $request.set_next_token(pages.token()).send().await.map_err(|error| translate(OPERATION, &error))?;
            let found = $crate::aws::wire::pages::IntoPages::into_pages(page.$items);
            let more = pages.turn(found.len(), page.next_token)?;
            items.extend(found);
            if !more {
                break items;
            }
        }
    }};
}

pub(in crate::aws) use every_page;

/// The items of a page. SDKs have an empty or absent list if AWS left it out.
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
