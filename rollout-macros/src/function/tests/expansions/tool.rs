// #[tool("get_weather", tool_call_id = call.id, skip(call))]
// fn weather(call: &Call, City { name, .. }: City, #[cfg(unix)] mut r#type: u8) -> u8 {
//     r#type += 1;
//     r#type
// }

fn weather(call: &Call, City { name, .. }: City, #[cfg(unix)] mut r#type: u8) -> u8 {
    let mut __rollout_call = ::rollout::__private::Prepared::new(
            const {
                &::rollout::__private::Site::new(
                        ::rollout::__private::Kind::Tool,
                        "get_weather",
                    )
                    .input(true)
                    .output(true)
            },
            |__rollout_opening| {
                __rollout_opening.tool_call_id(::rollout::__private::id(call.id));
                __rollout_opening
                    .argument("name", ::rollout::__private::capture!(& name));
                #[cfg(unix)]
                __rollout_opening
                    .argument("type", ::rollout::__private::capture!(& r#type));
            },
        )
        .open();
    let __rollout_result = __rollout_call
        .run(move || -> u8 {
            r#type += 1;
            r#type
        });
    ::rollout::__private::outcome!(__rollout_call, & __rollout_result);
    __rollout_call.end();
    __rollout_result
}
