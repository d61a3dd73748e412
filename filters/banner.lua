-- What stands outside the text: the notice on every page, and what the title page says of the report. In the PDF they go to the
-- running head and the title page, in Word they are paragraphs of styles of their own.
local places = { banner = { "report-banner", "Banner" }, imprint = { "report-imprint", "Imprint" } }

local function outside(div, name)
  local state, style = table.unpack(places[name])
  if FORMAT:match("typst") then
    local content = pandoc.write(pandoc.Pandoc(div.content), "typst")
    return pandoc.RawBlock("typst", "#" .. state .. ".update[" .. content:gsub("%s+$", "") .. "\n]")
  end
  if not FORMAT:match("docx") then
    return nil
  end
  local content = div.content:walk({
    DefinitionList = function(list)
      local lines = pandoc.Blocks({})
      for _, item in ipairs(list.content) do
        local line = pandoc.Inlines({ pandoc.Strong(item[1]), pandoc.Str(":"), pandoc.Space() })
        line:extend(pandoc.utils.blocks_to_inlines(item[2][1]))
        lines:insert(pandoc.Para(line))
      end
      return lines
    end,
  })
  return pandoc.Div(content, pandoc.Attr("", { name }, { ["custom-style"] = style }))
end

function Div(div)
  for name in pairs(places) do
    if div.classes:includes(name) then
      return outside(div, name)
    end
  end
end
