-- On the website the caption of a figure or table leads to the code of the function that made it: the call in the last line of
-- its cell, `module.function(...)`, stands for analysis/module.py.
local function origin(float)
  local call = nil
  float:walk({
    CodeBlock = function(block)
      if block.classes:includes("cell-code") then
        local last = block.text:match("([^\n]+)%s*$") or ""
        last = last:match("^.*%) or ([%a_].*)$") or last -- a sentence in place of a figure without data, or else the figure
        call = { last:match("^([%a_][%w_]*)%.([%a_][%w_]*)%(") }
      end
    end,
  })
  if not (call and call[1]) then
    return nil
  end
  return "analysis/" .. call[1] .. ".html#" .. call[2]
end

function Div(div)
  local caption = div.content[#div.content]
  if not (FORMAT:match("html") and div.identifier:match("^%a%a%a%-") and caption and caption.t == "Para") then
    return nil
  end
  local where = origin(div)
  if where then
    local target = (quarto.project.offset or ".") .. "/code/" .. where
    caption.content:extend({ pandoc.Space(), pandoc.Link("Source code", target, "The function of the analysis that made this", pandoc.Attr("", { "code-link" })) })
  end
  return div
end
