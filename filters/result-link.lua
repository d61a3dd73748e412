-- On the website a printed result leads to its entry in the pages of results; in print it is text alone.
function Span(span)
  local id = span.classes:includes("result") and (span.attributes["data-result"] or span.attributes["result"])
  if not id then
    return nil
  end
  if not FORMAT:match("html") then
    return span.content
  end
  local section = id:match("^[^.]+")
  local target = (quarto.project.offset or ".") .. "/results/" .. section .. ".html#" .. id
  return pandoc.Link(span.content, target, span.attributes["title"], pandoc.Attr("", { "result" }))
end
